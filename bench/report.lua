-- What the scripts share: the pool, a number of its own for each run, and the result as a line of JSON.

local report = {}

function report.lines(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return lines
end

-- LuaJIT starts every process with the same numbers.
function report.seed()
  math.randomseed(tonumber(os.getenv("BENCH_SEED")))
end

function report.any(list)
  return list[math.random(#list)]
end

function report.uuid()
  local hex = {}
  for part = 1, 8 do
    hex[part] = string.format("%04x", math.random(0, 65535))
  end
  hex[4] = string.format("4%03x", math.random(0, 4095))
  hex[5] = string.format("8%03x", math.random(0, 4095))
  return string.format("%s%s-%s-%s-%s-%s%s%s", unpack(hex))
end

function report.done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "bad_status": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end

return report
