package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/qdrant/go-client/qdrant"
	"golang.org/x/sync/errgroup"
)

// readRanges scrolls as many ranges of uuids side by side as there are workers; the first has the integers too.
func readRanges(ctx context.Context, group *errgroup.Group, client *qdrant.Client, opts options, pages chan<- []row) {
	for worker := range opts.workers {
		group.Go(func() error {
			var from, to *qdrant.PointId
			if worker > 0 {
				from = boundary(worker, opts.workers)
			}
			if worker+1 < opts.workers {
				to = boundary(worker+1, opts.workers)
			}
			return scroll(ctx, client, opts, from, to, pages)
		})
	}
}

func boundary(part, parts int) *qdrant.PointId {
	return qdrant.NewIDUUID(fmt.Sprintf("%08x-0000-0000-0000-000000000000", uint64(part)*(1<<32)/uint64(parts)))
}

func scroll(ctx context.Context, client *qdrant.Client, opts options, from, to *qdrant.PointId, pages chan<- []row) error {
	for {
		points, next, err := client.ScrollAndOffset(ctx, &qdrant.ScrollPoints{
			CollectionName: opts.collection,
			Offset:         from,
			Limit:          qdrant.PtrOf(uint32(opts.batch)),
			WithPayload:    qdrant.NewWithPayload(true),
			WithVectors:    qdrant.NewWithVectors(true),
		})
		if err != nil {
			return err
		}
		rows, err := rowsOf(points, to)
		if err != nil {
			return err
		}
		if err := send(ctx, pages, rows); err != nil {
			return err
		}
		if next == nil || len(rows) < len(points) {
			return nil
		}
		from = next
	}
}

// readTwoPass scrolls the ids, and lets the workers get the points.
func readTwoPass(ctx context.Context, group *errgroup.Group, client *qdrant.Client, opts options, pages chan<- []row) {
	ids := make(chan []*qdrant.PointId, opts.workers*2)
	group.Go(func() error {
		defer close(ids)
		return scrollIDs(ctx, client, opts, ids)
	})
	for range opts.workers {
		group.Go(func() error {
			for wanted := range ids {
				points, err := client.Get(ctx, &qdrant.GetPoints{
					CollectionName: opts.collection,
					Ids:            wanted,
					WithPayload:    qdrant.NewWithPayload(true),
					WithVectors:    qdrant.NewWithVectors(true),
				})
				if err != nil {
					return err
				}
				rows, err := rowsOf(points, nil)
				if err != nil {
					return err
				}
				if err := send(ctx, pages, rows); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func scrollIDs(ctx context.Context, client *qdrant.Client, opts options, ids chan<- []*qdrant.PointId) error {
	var from *qdrant.PointId
	for {
		points, next, err := client.ScrollAndOffset(ctx, &qdrant.ScrollPoints{
			CollectionName: opts.collection,
			Offset:         from,
			Limit:          qdrant.PtrOf(uint32(opts.batch * 10)),
			WithPayload:    qdrant.NewWithPayload(false),
			WithVectors:    qdrant.NewWithVectors(false),
		})
		if err != nil {
			return err
		}
		for start := 0; start < len(points); start += int(opts.retrieveBatch) {
			group := points[start:min(len(points), start+int(opts.retrieveBatch))]
			wanted := make([]*qdrant.PointId, len(group))
			for i, point := range group {
				wanted[i] = point.GetId()
			}
			select {
			case ids <- wanted:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if next == nil {
			return nil
		}
		from = next
	}
}

func send(ctx context.Context, pages chan<- []row, rows []row) error {
	select {
	case pages <- rows:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rowsOf gives the rows before the point `to`; ids are sorted.
func rowsOf(points []*qdrant.RetrievedPoint, to *qdrant.PointId) ([]row, error) {
	rows := make([]row, 0, len(points))
	for _, point := range points {
		id := textOf(point.GetId())
		if to != nil && point.GetId().GetUuid() >= to.GetUuid() && point.GetId().GetUuid() != "" {
			break
		}
		metadata, err := json.Marshal(fieldsOf(point.GetPayload()))
		if err != nil {
			return nil, err
		}
		vector := point.GetVectors().GetVector()
		values := vector.GetDense().GetData()
		if values == nil {
			values = vector.GetData()
		}
		rows = append(rows, row{ID: id, Metadata: string(metadata), Vector: values})
	}
	return rows, nil
}

func textOf(id *qdrant.PointId) string {
	if uuid := id.GetUuid(); uuid != "" {
		return uuid
	}
	return strconv.FormatUint(id.GetNum(), 10)
}

func fieldsOf(fields map[string]*qdrant.Value) map[string]any {
	values := make(map[string]any, len(fields))
	for key, value := range fields {
		values[key] = valueOf(value)
	}
	return values
}

func valueOf(value *qdrant.Value) any {
	switch kind := value.GetKind().(type) {
	case *qdrant.Value_StringValue:
		return kind.StringValue
	case *qdrant.Value_IntegerValue:
		return kind.IntegerValue
	case *qdrant.Value_DoubleValue:
		return kind.DoubleValue
	case *qdrant.Value_BoolValue:
		return kind.BoolValue
	case *qdrant.Value_StructValue:
		return fieldsOf(kind.StructValue.GetFields())
	case *qdrant.Value_ListValue:
		elements := kind.ListValue.GetValues()
		list := make([]any, len(elements))
		for i, element := range elements {
			list[i] = valueOf(element)
		}
		return list
	default:
		return nil
	}
}
