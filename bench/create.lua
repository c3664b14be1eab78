-- A customer with a fresh user_id, in any of the businesses.

local report = dofile("report.lua")
local businesses, names

function init(args)
  report.seed()
  businesses, names = report.lines(args[1]), report.lines(args[2])
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local number = math.random(10000000, 99999999)
  local body = string.format(
    '{"user_id":"%s","business_id":"%s","full_name":"%s","email":"bench.%d@posta.example",' ..
    '"phone":"+4072%07d","gender":"female"}',
    report.uuid(), report.any(businesses), report.any(names), number, number % 10000000)
  return wrk.format("POST", "/v1/customers", nil, body)
end

done = report.done
