-- KEYS: reply. ARGV: fingerprint, lease in ms. Answers {'mine'}, {'running'}, {'differs'} or {'done', answer}.
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return { 'mine' }
end
local reply = redis.call('HMGET', KEYS[1], 'fingerprint', 'answer')
if not reply[1] then
  return redis.error_reply('GARBAGE the reply cannot be read')
end
if reply[1] ~= ARGV[1] then
  return { 'differs' }
end
if reply[2] then
  return { 'done', reply[2] }
end
return { 'running' }
