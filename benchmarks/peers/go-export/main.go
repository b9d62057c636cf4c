// Command go-export reads a Qdrant collection over gRPC into one Parquet file, as a program of its users would: Qdrant's
// official client, as many workers as there are processors, one writer, parquet-go with zstd.
//
// It is what Vecport's export is compared with. It prints what it has used as one line of JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
)

// options are the program's flags.
type options struct {
	host          string
	port          int
	collection    string
	mode          string
	output        string
	batch         uint
	retrieveBatch uint
	workers       int
	rowGroup      int64
}

func main() {
	opts := options{}
	flag.StringVar(&opts.host, "host", "127.0.0.1", "host of the server")
	flag.IntVar(&opts.port, "port", 6334, "port of its gRPC interface")
	flag.StringVar(&opts.collection, "collection", "", "collection to read")
	flag.StringVar(&opts.mode, "mode", "scroll", "scroll: ranges of ids side by side; two-pass: ids first, then their points")
	flag.StringVar(&opts.output, "output", "export.parquet", "file to write")
	flag.UintVar(&opts.batch, "batch", 1000, "points a page; of ids ten times as many")
	flag.UintVar(&opts.retrieveBatch, "retrieve-batch", 500, "points a request by ids")
	flag.IntVar(&opts.workers, "workers", runtime.NumCPU(), "requests under way")
	flag.Int64Var(&opts.rowGroup, "row-group-size", 10000, "rows of a row group")
	flag.Parse()
	if err := run(context.Background(), opts); err != nil {
		fmt.Fprintln(os.Stderr, "go-export:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, opts options) error {
	before, err := processorTime()
	if err != nil {
		return err
	}
	start := time.Now()
	client, err := qdrant.NewClient(&qdrant.Config{
		Host:                   opts.host,
		Port:                   opts.port,
		SkipCompatibilityCheck: true,
		PoolSize:               uint(opts.workers),
		GrpcOptions:            []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1 << 30))},
	})
	if err != nil {
		return err
	}
	defer client.Close()
	rows, err := export(ctx, client, opts)
	if err != nil {
		return err
	}
	after, err := processorTime()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"rows":      rows,
		"bytes":     sizeOf(opts.output),
		"wallMs":    float64(time.Since(start).Microseconds()) / 1000,
		"cpuMs":     float64((after - before).Microseconds()) / 1000,
		"peakRssMb": peakMegabytes(),
	})
}

// export runs the pipeline: readers send pages to one writer.
func export(ctx context.Context, client *qdrant.Client, opts options) (int, error) {
	group, ctx := errgroup.WithContext(ctx)
	pages := make(chan []row, opts.workers*2)
	readers, readerCtx := errgroup.WithContext(ctx)
	if opts.mode == "two-pass" {
		readTwoPass(readerCtx, readers, client, opts, pages)
	} else {
		readRanges(readerCtx, readers, client, opts, pages)
	}
	group.Go(func() error {
		defer close(pages)
		return readers.Wait()
	})
	rows := 0
	group.Go(func() error {
		var err error
		rows, err = write(ctx, opts, pages)
		return err
	})
	return rows, group.Wait()
}
