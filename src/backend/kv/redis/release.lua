-- KEYS: claim. ARGV: owner. Another may have claimed the key since the lease ran out: the claim is then its own.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
