// Package dynamolocal is the DynamoDB API in this process, on one bbolt file.
//
// [Open] gives a [DB], whose methods are those of the SDK's client
// (github.com/guregu/dynamo/v2/dynamodbiface.DynamoDBAPI); [DB.Handler] serves the same, and the API
// of streams, over DynamoDB's JSON protocol. A program cannot tell it from DynamoDB but by what is listed below.
// DynamoDB Local is the judge of that: testdata/suite holds its answers. What is wrong with a request
// is told in AWS's words, testdata/localtexts.txt, and in AWS's order, testdata/faults.txt.
//
// # Layout
//
//	api.go, protocol.go               the typed API; the HTTP protocol
//	parserequest.go, json.go          the protocol's JSON, read and written
//	constraints.go                    what AWS's framework holds requests to, before anything else:
//	requestconstraints.go             those about items,
//	tableconstraints.go               and those about tables
//	createtable.go, describetable.go, listtables.go, updatetable.go, deletetable.go, ttl.go
//	settings.go, throughput.go        what else a table is asked to be: kept, described, of no effect
//	tags.go, policy.go, continuousbackups.go, contributorinsights.go, replication.go
//	describelimits.go, arn.go         the account's limits and endpoint; ARNs, as names of tables too
//	get.go, put.go, updateitem.go, delete.go, query.go, scan.go, batch.go
//	startkey.go                       where a Query or a Scan begins
//	transact.go, idempotency.go       transactions; their tokens
//	stream.go, streamrecord.go        a table's stream, its shards; its records, and how they are kept
//	liststreams.go, describestream.go, getsharditerator.go, getrecords.go, streamerrors.go
//	feed.go, followstream.go          sequence numbers; a stream read in this process, as it comes
//	streamtrim.go, streamcheck.go     what goes after a day; streams in a file that is checked
//	capacity.go, itemcollection.go    what a request consumes; item collections and their size
//	lexer.go, parser.go, condition.go, update.go, path.go         expressions
//	keycondition.go, legacy.go        key conditions; what there was before expressions
//	value.go, number.go, item.go      values; their size, and their bytes in the file
//	key.go, range.go                  keys as bytes that sort as DynamoDB sorts the values
//	table.go, index.go, write.go      a table, its indexes, and the change of an item in both
//	localindex.go                     what is so of local secondary indexes alone
//	writer.go, db.go, snapshot.go     the group commit; the file; its reads of one moment
//	backfill.go, background.go        what no request waits for
//	full.go                           a disk that is full
//	damage.go, check.go, salvage.go   a damaged file: telling it, looking for it, saving the rest
//	compact.go                        a file without the room that deleted items leave
//	pages.go                          the file as it lies on the disk, of which nothing is believed
//
// A write is a function that meets the data in the writer goroutine: it checks all that can be
// wrong before it changes anything, so that a write that is refused leaves its group as it was.
// It is acknowledged when the group's transaction is synced. A read is a short transaction on
// the last group's data, and so always consistent.
//
// # Deliberate differences
//
//	                        DynamoDB                    here
//	CreateTable             CREATING, then ACTIVE       ACTIVE when it returns
//	DeleteTable             DELETING, then gone         gone when it returns
//	reads                   eventually consistent       consistent, on indexes too
//	                        unless asked otherwise      (ConsistentRead changes the capacity)
//	BatchWriteItem          item by item                all or none, never UnprocessedItems
//	transactions            may conflict                never do: writes have an order
//	throughput of any kind  limits                      is kept and described, limits nothing
//	Scan                    in the order of a hash      in the order of the keys
//	equal keys of an index  in any order                in the order of the table's keys
//	expired items           go within days              go within a minute
//	ItemCount               every six hours             exact; so is a local index's IndexSizeBytes,
//	                                                    a global one's is left out
//	item collections        up to 10 GB where there     of any size; the estimate of it is exact,
//	                        are local indexes           or the whole table's below 1 GB
//	an unknown parameter    is ignored                  is refused by name
//	signatures, regions     are checked                 are not looked at, but in an ARN: all is in
//	                                                    ddblocal, of the account 000000000000
//	a table's tags, its     come within seconds; a      are there when the call returns; nothing
//	policy, its settings    policy may change every     is said of ENABLING or UPDATING
//	                        15 seconds
//	resource policies       allow and deny              are kept
//	SSESpecification        encrypts with a KMS key     is kept: no key is looked for, and the ARN
//	                                                    of one is made of its id
//	streams                 have a shard for each       have one open shard, which another follows
//	                        partition, and fill within  every four hours; a record is there with
//	                        seconds                     its change
//	a stream's records      in the order of each item   in the order of all changes, the parts of a
//	                                                    transaction in theirs
//	three readers of one    are throttled               are not, however many there are
//	shard
//	point in time recovery  restores                    is kept: no restorable times are told
//	Contributor Insights    can be enabled              are always off
//	Kinesis, auto scaling   can be set up               are always absent
//	of replicas
//	backups, exports, imports, global tables, PartiQL: refused by name
//
// Where DynamoDB Local and AWS's documentation differ, AWS is followed:
//
//	                        DynamoDB Local 1.25.1       here
//	an index's key          UpdateItem puts any type    refused, as by PutItem
//	keys 1 and 1.0          two keys of a batch         one, refused as a duplicate
//	a local index asked     counts its items in the     counts them where more is asked for, by
//	for what it projects    table too, by Query         Query and by Scan
//	an index's entry        100 bytes more to write,    what it projects: to write, to read,
//	                        a whole item for a Scan,    for a page, for IndexSizeBytes
//	                        a page, IndexSizeBytes
//	400 KB with the entries by PutItem alone            by UpdateItem too
//	of local indexes
//	INCLUDE                 any number of attributes    up to 20, and 100 in all the indexes
//	                        in one index, 100 in all
//	ReturnItemCollection-   ignored                     answered, each collection once
//	Metrics
//	an empty value in an    a ValidationException       a reason of the cancellation,
//	index's key, in a                                   in its place
//	transaction
//	a missing item          costs BatchGetItem nothing  half a unit, or one
//	TransactWriteItems      costs four times            costs twice
//	a transaction's update  a ValidationException       a reason of the cancellation,
//	that its item refuses                               in its place
//	a key that lacks an     a ValidationException, or   the same
//	attribute, in one       one without reasons
//	UPDATED_OLD and         give whole attributes       give what the update's paths
//	UPDATED_NEW                                         lead to
//	a throughput that       a short message             AWS's
//	changes nothing
//	an on-demand table's    keep their throughput       have none
//	indexes
//	messages                its own                     AWS's: testdata/localtexts.txt
//	several faults in a     tells that the table is     tells the first in AWS's order:
//	request                 not there first             testdata/faults.txt
//	several values out of   tells one                   tells ten, before anything else
//	the API's bounds
//	JSON of another type    an InternalFailure, or is   a SerializationException
//	                        converted
//	a sum of 39 digits      has too many                is an overflow
//	an update's wrong type  a failed condition, or      refused, whatever the condition
//	for an index's key      nothing
//	an empty list of local  none                        refused
//	indexes
//	PAY_PER_REQUEST with    ignores the throughput      refused
//	throughput
//	a table's ARN           no name of a table          one, wherever a name may stand
//	a stream's ARN, or the  any text, which is not      refused
//	ID of a shard, that     found
//	is none
//	a sequence number that  fails                       refused
//	is none of the shard
//	records of a batch      puts before deletes         in the order of the request
//	tags, policies,         unknown operations          AWS's
//	DescribeContinuousBackups,
//	DescribeEndpoints, ...
//	SSESpecification,       ignored                     described; some must be the only change of
//	TableClass, on-demand                               an UpdateTable
//	limits, WarmThroughput
//	an index with several   refused                     has up to four hash and four range
//	attributes of a kind                                attributes
//	digits not ASCII's      a number                    refused
package dynamolocal
