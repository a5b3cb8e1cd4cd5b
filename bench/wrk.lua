-- Asks what a file has, one request after the other, and prints what came of it as JSON. The file has, for
-- each request, a line with its length, and then the request as it is sent. bad counts the answers that have
-- another status than 200, or errors of GraphQL.

local requests, threads, at = {}, {}, 0
bad = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  local file = assert(io.open(args[1], 'rb'))
  while true do
    local length = file:read('*n')
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(status, headers, body)
  if status ~= 200 or body:find('"errors":', 1, true) then bad = bad + 1 end
end

function done(summary, latency)
  local found = 0
  for _, thread in ipairs(threads) do found = found + thread:get('bad') end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,"bad":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, found))
end
