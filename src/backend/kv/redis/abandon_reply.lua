-- KEYS: reply. A kept answer stays.
if redis.call('HEXISTS', KEYS[1], 'answer') == 0 then
  return redis.call('DEL', KEYS[1])
end
return 0
