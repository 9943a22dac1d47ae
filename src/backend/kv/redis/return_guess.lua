-- KEYS: code. ARGV: issue. A newer issue has guesses of its own, and a code that has ended is not brought back.
if redis.call('HGET', KEYS[1], 'issue') == ARGV[1] then
  return redis.call('HINCRBY', KEYS[1], 'guesses', 1)
end
return 0
