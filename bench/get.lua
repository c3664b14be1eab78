-- Any of the paths in the pool, each request made only once.

local report = dofile("report.lua")
local requests = {}

function init(args)
  report.seed()
  for _, path in ipairs(report.lines(args[1])) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  return report.any(requests)
end

done = report.done
