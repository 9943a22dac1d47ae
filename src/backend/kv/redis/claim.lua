-- KEYS: claim. ARGV: owner, lease in ms. Answers 1 where the claim is the owner's, also when the question came twice.
local holder = redis.call('GET', KEYS[1])
if not holder then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
if holder == ARGV[1] then
  return 1
end
return 0
