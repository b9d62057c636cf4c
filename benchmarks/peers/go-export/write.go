package main

import (
	"bufio"
	"context"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// row is a point as the file has it.
type row struct {
	ID       string    `parquet:"id"`
	Metadata string    `parquet:"metadata"`
	Vector   []float32 `parquet:"vector,list"`
}

// write puts all pages into the file and syncs it to disk; it gives how many rows there were.
func write(ctx context.Context, opts options, pages <-chan []row) (int, error) {
	file, err := os.Create(opts.output)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	buffered := bufio.NewWriterSize(file, 1<<20)
	writer := parquet.NewGenericWriter[row](buffered,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.MaxRowsPerRowGroup(opts.rowGroup),
	)
	rows := 0
	for page := range pages {
		if _, err := writer.Write(page); err != nil {
			return rows, err
		}
		rows += len(page)
	}
	if err := ctx.Err(); err != nil {
		return rows, err
	}
	if err := writer.Close(); err != nil {
		return rows, err
	}
	if err := buffered.Flush(); err != nil {
		return rows, err
	}
	return rows, file.Sync()
}
