-- KEYS: bucket. ARGV: period and window in microseconds. Answers 0, or the microseconds to wait.
-- The bucket holds one number: when it will be full again (GCRA). Redis's own clock counts, since nodes' clocks differ.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local period, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = now
local stored = redis.call('GET', KEYS[1])
if stored then
  if not string.match(stored, '^%d+$') then
    return redis.error_reply('GARBAGE the bucket cannot be read')
  end
  -- A bucket is never emptier than empty, whatever a faster rate or a later clock left behind.
  full = math.max(now, math.min(tonumber(stored), now + window))
end
full = full + period
local wait = full - now - window
if wait > 0 then
  return wait
end
-- Lua writes large numbers with fourteen digits unless told otherwise.
local lifetime = string.format('%.0f', math.ceil((full - now) / 1000))
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', lifetime)
return 0
