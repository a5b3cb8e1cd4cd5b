package dynamolocal

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What a table, or an index, can do at once is kept and described, and limits nothing.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html

// initialOnDemand is what a new table in on-demand mode can do.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial
var initialOnDemand = throughput{Read: 12000, Write: 4000}

// limit sets the most requests of a table, or of an index, as the messages call it. For one that is
// there, -1 is no limit.
func (p *throughput) limit(in *types.OnDemandThroughput, mode types.BillingMode, of string, isNew bool) error {
	if in == nil {
		return nil
	}
	for _, l := range []struct {
		name      string
		requested *int64
		kept      *int64
	}{
		{"MaxReadRequestUnits", in.MaxReadRequestUnits, &p.Read},
		{"MaxWriteRequestUnits", in.MaxWriteRequestUnits, &p.Write},
	} {
		switch {
		case l.requested == nil:
		case mode != types.BillingModePayPerRequest:
			return invalidParameter("%s for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED", l.name)
		case *l.requested == -1 && !isNew:
			*l.kept = 0
		case *l.requested < 1:
			return invalidParameter("Requested %s for OnDemandThroughput for %s is outside of valid range", l.name, of)
		default:
			*l.kept = *l.requested
		}
	}
	return nil
}

func (p throughput) describeLimit() *types.OnDemandThroughput {
	if p == (throughput{}) {
		return nil
	}
	d := &types.OnDemandThroughput{}
	if p.Read != 0 {
		d.MaxReadRequestUnits = &p.Read
	}
	if p.Write != 0 {
		d.MaxWriteRequestUnits = &p.Write
	}
	return d
}

// atLeast is the warm throughput where p was asked for: never less than what the table or the index
// can do anyway.
func (p throughput) atLeast(mode types.BillingMode, provisioned throughput) throughput {
	least := provisioned
	if mode == types.BillingModePayPerRequest {
		least = initialOnDemand
	}
	return throughput{Read: max(p.Read, least.Read), Write: max(p.Write, least.Write)}
}

// warm sets the warm throughput of a new table or index.
func (p *throughput) warm(in *types.WarmThroughput, mode types.BillingMode, provisioned throughput, of string) error {
	return p.warmUp(in, mode, provisioned, func(units, capacity string) error {
		if mode == types.BillingModePayPerRequest {
			return invalidParameter("Requested %s for WarmThroughput for %s is lower than initial throughput for OnDemand. "+
				"See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial", units, of)
		}
		return invalidParameter("Requested %s for WarmThroughput for %s is lower than %s of ProvisionedThroughput", units, of, capacity)
	})
}

// warmer raises the warm throughput of a table or an index.
func (p *throughput) warmer(in *types.WarmThroughput, mode types.BillingMode, provisioned throughput, of string) error {
	return p.warmUp(in, mode, provisioned, func(units, _ string) error {
		return invalidParameter("Requested %s for WarmThroughput for %s is lower than current WarmThroughput, decreasing WarmThroughput is not supported", units, of)
	})
}

func (p *throughput) warmUp(in *types.WarmThroughput, mode types.BillingMode, provisioned throughput, lower func(units, capacity string) error) error {
	if in == nil {
		return nil
	}
	current := p.atLeast(mode, provisioned)
	if in.ReadUnitsPerSecond != nil {
		if *in.ReadUnitsPerSecond < current.Read {
			return lower("ReadUnitsPerSecond", "ReadCapacityUnits")
		}
		p.Read = *in.ReadUnitsPerSecond
	}
	if in.WriteUnitsPerSecond != nil {
		if *in.WriteUnitsPerSecond < current.Write {
			return lower("WriteUnitsPerSecond", "WriteCapacityUnits")
		}
		p.Write = *in.WriteUnitsPerSecond
	}
	return nil
}

// describeThroughput adds to an index's description what of the throughput a table has too.
func (x *index) describeThroughput(d *types.GlobalSecondaryIndexDescription, mode types.BillingMode) {
	d.OnDemandThroughput = x.OnDemand.describeLimit()
	warm := x.Warm.atLeast(mode, x.Throughput)
	d.WarmThroughput = &types.GlobalSecondaryIndexWarmThroughputDescription{
		ReadUnitsPerSecond: &warm.Read, WriteUnitsPerSecond: &warm.Write, Status: types.IndexStatusActive,
	}
}
