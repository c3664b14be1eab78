-- One decision on all policies that a request falls under. In front of it stand, as functions, two scripts of the
-- library `limits`: acquire(KEYS, ARGV) and window(KEYS, ARGV).
-- KEYS: the present window of each policy's subject. What belongs to it has its name with an ending.
-- ARGV: how long pushing is remembered, in seconds; then for each policy its limit, its window in seconds, what
-- pushing may cost at most, and what this request costs.
-- Replies four numbers for each policy, in one text: refused or not, requests left, ms until one more, ms until the
-- window ends. A client reads one text in half the time that so many numbers take it.

local PUSHES_SECONDS = tonumber(ARGV[1])
local HOLD_MOST = PUSHES_SECONDS * 1000

local function left(key)
    return math.max(0, redis.call('pttl', key))
end

-- A clock that was put back leaves keys that live for longer than they ever should: nobody is to wait for that.
local function forget_the_future(keys, expiry)
    if left(keys[1]) > expiry or left(keys[2]) > 2 * expiry then
        redis.call('del', keys[1], keys[2])
    end
end

local function hold_of(key)
    local hold = left(key)
    if hold > 0 and hold > tonumber(redis.call('get', key)) then
        redis.call('del', key)
        return 0
    end
    return hold
end

local function numbers(state)
    return tonumber(state[1]) or 0, math.max(0, state[2]), tonumber(state[3]) or 0, math.max(0, state[4])
end

local function used(state, expiry)
    local previous, previous_left, current = numbers(state)
    return math.floor(previous * previous_left / expiry) + current
end

-- Milliseconds until there is room for one more, when nothing else comes.
local function wait_of(state, limit, expiry)
    local previous, previous_left, current, current_left = numbers(state)
    local room = limit - 1 - current
    if room >= 0 then
        if previous == 0 then return 0 end
        return math.max(0, math.floor(previous_left - (room + 1) * expiry / previous) + 1)
    end
    -- a full window has room as soon as the next one has begun, and never more than its limit in it
    return current_left - expiry + 1
end

-- What pushing on has cost by now, this time included.
local function push(current, limit, most)
    local keys, expiry = {current .. '/pushes/-1', current .. '/pushes'}, HOLD_MOST
    forget_the_future(keys, expiry)
    local debt = used(window(keys, {PUSHES_SECONDS}), expiry)
    local cost = math.min(1 + math.floor(debt / limit), most - debt)
    if cost > 0 and acquire(keys, {most, PUSHES_SECONDS, cost}) then
        debt = debt + cost
    end
    return debt
end

local function decide(current, limit, seconds, pushes_most, cost, is_over)
    local keys, expiry, hold_key = {current .. '/-1', current}, seconds * 1000, current .. '/hold'
    forget_the_future(keys, expiry)
    local hold = hold_of(hold_key)
    local is_refused = not is_over and (hold > 0 or not acquire(keys, {limit, seconds, cost}))
    local state = window(keys, {seconds})
    local wait = wait_of(state, limit, expiry)
    if is_refused then
        if hold > 0 then
            local debt = push(current, limit, pushes_most)
            wait = math.max(wait, math.min(HOLD_MOST, math.floor(wait + debt * expiry / limit)), hold)
        end
        wait = math.max(1, wait)
        redis.call('set', hold_key, wait, 'PX', wait)
    else
        wait = math.max(wait, hold)
    end
    local _, previous_left, _, current_left = numbers(state)
    return is_refused, math.max(0, limit - used(state, expiry)), wait, math.max(0, current_left - expiry)
end

local replies, is_over = {}, false
for n, current in ipairs(KEYS) do
    local at = 4 * (n - 1) + 1
    local is_refused, remaining, wait, turn = decide(
        current, tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), is_over)
    is_over = is_over or is_refused
    for _, number in ipairs({is_refused and 1 or 0, remaining, wait, turn}) do
        table.insert(replies, string.format('%d', number))
    end
end
return redis.status_reply(table.concat(replies, ' '))
