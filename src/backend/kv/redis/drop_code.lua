-- KEYS: code. ARGV: issue. A newer issue stays.
if redis.call('HGET', KEYS[1], 'issue') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
