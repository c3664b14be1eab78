-- A new order, completed, of any day of a year, for any customer of the pool.

local report = dofile("report.lua")
local paths

function init(args)
  report.seed()
  paths = report.lines(args[1])
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local moment = string.format("2026-%02d-%02dT10:%02d:00Z",
    math.random(2, 12), math.random(1, 28), math.random(0, 59))
  local body = string.format(
    '{"kind":"order","status":"completed","amount":"%d.%02d","ordered_at":"%s","updated_at":"%s"}',
    math.random(10, 900), math.random(0, 99), moment, moment)
  return wrk.format("PUT", report.any(paths) .. "/orders/bench-" .. report.uuid(), nil, body)
end

done = report.done
