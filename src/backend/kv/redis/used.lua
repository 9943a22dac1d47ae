-- KEYS: bucket. Answers the microseconds until it is full again, by Redis's own clock as in take.lua.
local stored = redis.call('GET', KEYS[1])
if not stored then
  return 0
end
if not string.match(stored, '^%d+$') then
  return redis.error_reply('GARBAGE the bucket cannot be read')
end
local time = redis.call('TIME')
return math.max(0, tonumber(stored) - (time[1] * 1000000 + time[2]))
