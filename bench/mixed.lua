-- GETs of any customer of the pool, and every tenth time another full_name for it.

local report = dofile("report.lua")
local paths, names

function init(args)
  report.seed()
  paths, names = report.lines(args[1]), report.lines(args[2])
end

function request()
  if math.random(10) > 1 then
    return wrk.format("GET", report.any(paths))
  end
  local body = string.format('[{"op":"replace","path":"/full_name","value":"%s %d"}]',
    report.any(names), math.random(1, 99999))
  return wrk.format("PATCH", report.any(paths), { ["Content-Type"] = "application/json-patch+json",
    ["Authorization"] = wrk.headers["Authorization"] }, body)
end

done = report.done
