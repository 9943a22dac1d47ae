-- KEYS: code. Answers nothing when there is no code, {'spent'}, or issue, nonce, key id and the guesses left.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {}
end
local code = redis.call('HMGET', KEYS[1], 'issue', 'nonce', 'key_id', 'guesses')
local guesses = tonumber(code[4] or nil)
if not (code[1] and code[2] and code[3] and guesses) then
  return redis.error_reply('GARBAGE the code cannot be read')
end
if guesses < 1 then
  return { 'spent' }
end
local left = redis.call('HINCRBY', KEYS[1], 'guesses', -1)
return { code[1], code[2], code[3], tostring(left) }
