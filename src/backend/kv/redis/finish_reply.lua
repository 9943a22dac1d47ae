-- KEYS: reply. ARGV: fingerprint, answer, lifetime in ms.
-- Another request may have claimed the key since the lease ran out: the key is then its own.
local holder = redis.call('HGET', KEYS[1], 'fingerprint')
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'answer', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
