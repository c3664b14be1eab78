-- Another full_name for any customer of the pool; the number makes each a change.

local report = dofile("report.lua")
local paths, names

function init(args)
  report.seed()
  paths, names = report.lines(args[1]), report.lines(args[2])
  wrk.headers["Content-Type"] = "application/json-patch+json"
end

function request()
  local body = string.format('[{"op":"replace","path":"/full_name","value":"%s %d"}]',
    report.any(names), math.random(1, 99999))
  return wrk.format("PATCH", report.any(paths), nil, body)
end

done = report.done
