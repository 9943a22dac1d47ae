-- KEYS: code. ARGV: issue, nonce, key id, guesses, lifetime in ms.
-- A hash is overwritten, not deleted first: when memory is short the write is refused and the older code stays whole. Nor is
-- what is absent deleted: Redis lets a script go on beyond its limit once it has written.
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 'issue', ARGV[1], 'nonce', ARGV[2], 'key_id', ARGV[3], 'guesses', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
