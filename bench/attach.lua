-- Ten different tags of the pool for any customer.

local report = dofile("report.lua")
local paths, tags

function init(args)
  report.seed()
  paths, tags = report.lines(args[1]), report.lines(args[2])
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  for place = 1, 10 do
    local other = math.random(place, #tags)
    tags[place], tags[other] = tags[other], tags[place]
  end
  local body = '{"tags":["' .. table.concat(tags, '","', 1, 10) .. '"]}'
  return wrk.format("POST", report.any(paths) .. "/tags", nil, body)
end

done = report.done
