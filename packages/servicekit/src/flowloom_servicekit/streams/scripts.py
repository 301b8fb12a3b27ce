"""The scripts that give a stream its order; each is one round trip.

`KEYS[1]` is the stream, `KEYS[2]` its meta hash: `epoch`, `seq` and `n` of the last entry, `bytes`,
`created`, `sealed`, `trimmed`, which is the last `seq` that only the archive has, and `x:<step>`, the lowest
fencing token that may still write text of that step. An entry's id is `<epoch>-<seq>`, so that a blocked
reader of an old epoch wakes for a new one.
"""

from typing import Final

# ARGV: epoch hint, now (s), then n, body, step, fence per milestone (step "" = no fence).
# Answers {"lost"} when the stream is not there, is of an older epoch or has missed a milestone; else
# {"ok", epoch, seq of each milestone; 0 = seen before}.
APPEND_MILESTONES: Final = """
local epoch = tonumber(redis.call('HGET', KEYS[2], 'epoch'))
local hint = tonumber(ARGV[1])
if not epoch then
  if tonumber(ARGV[3]) ~= 1 then return {'lost'} end
  redis.call('DEL', KEYS[1])
  epoch = hint
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', 0, 'n', 0, 'bytes', 0, 'created', ARGV[2])
elseif epoch < hint then
  return {'lost'}
end
local state = redis.call('HMGET', KEYS[2], 'seq', 'n', 'sealed')
local seq, last = tonumber(state[1]), tonumber(state[2])
local answer, bytes, appended = {'ok', epoch}, 0, false
for i = 3, #ARGV, 4 do
  local n = tonumber(ARGV[i])
  if n <= last then
    answer[#answer + 1] = 0
  elseif n > last + 1 then
    answer = {'lost'}
    break
  else
    seq, last, appended = seq + 1, n, true
    redis.call('XADD', KEYS[1], epoch .. '-' .. seq, 'e', ARGV[i + 1])
    bytes = bytes + #ARGV[i + 1]
    if ARGV[i + 2] ~= '' then
      local field = 'x:' .. ARGV[i + 2]
      local fence = tonumber(redis.call('HGET', KEYS[2], field) or 0)
      if tonumber(ARGV[i + 3]) > fence then redis.call('HSET', KEYS[2], field, ARGV[i + 3]) end
    end
    answer[#answer + 1] = seq
  end
end
if appended then
  redis.call('HSET', KEYS[2], 'seq', seq, 'n', last)
  redis.call('HINCRBY', KEYS[2], 'bytes', bytes)
  if state[3] then
    redis.call('HDEL', KEYS[2], 'sealed')
    redis.call('PERSIST', KEYS[1])
    redis.call('PERSIST', KEYS[2])
  end
end
return answer
"""

# ARGV: step, exec, turn, bodies. Answers -1 when the stream is not there, 0 when refused, else the epoch. A
# turn that this execution has had already is not appended again: its answer was lost, not the text.
APPEND_DELTAS: Final = """
local field, turns = 'x:' .. ARGV[1], 't:' .. ARGV[1]
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'sealed', field, 'bytes', turns)
if not state[1] then return -1 end
local exec, fence = tonumber(ARGV[2]), tonumber(state[4] or 0)
if state[3] or exec < fence then return 0 end
local turn = tonumber(ARGV[3])
if turn > 0 and state[6] then
  local by, had = string.match(state[6], '(%d+) (%d+)')
  if tonumber(by) == exec and tonumber(had) >= turn then return tonumber(state[1]) end
end
local seq, bytes = tonumber(state[2]), tonumber(state[5] or 0)
for i = 4, #ARGV do
  seq = seq + 1
  redis.call('XADD', KEYS[1], state[1] .. '-' .. seq, 'e', ARGV[i])
  bytes = bytes + #ARGV[i]
end
redis.call('HSET', KEYS[2], 'seq', seq, field, exec, 'bytes', bytes, turns, exec .. ' ' .. turn)
return tonumber(state[1])
"""

# ARGV: epoch, now. Empties a stream for a new epoch; answers 0 when it already is at that epoch or later.
RENEW: Final = """
local epoch = tonumber(redis.call('HGET', KEYS[2], 'epoch') or 0)
if epoch >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'seq', 0, 'n', 0, 'bytes', 0, 'created', ARGV[2])
return 1
"""

# ARGV: seconds to live. Answers {epoch, seq} of the last entry, or {} when the stream is not there.
SEAL: Final = """
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq')
if not state[1] then return {} end
redis.call('HSET', KEYS[2], 'sealed', 1)
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return {tonumber(state[1]), tonumber(state[2])}
"""

# ARGV: epoch, seq. Removes the entries up to a seq, which are archived; answers 0 in another epoch.
TRIM: Final = """
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'trimmed')
local upto = tonumber(ARGV[2])
if state[1] ~= ARGV[1] or upto > tonumber(state[2]) then return 0 end
if upto > tonumber(state[3] or 0) then
  redis.call('XTRIM', KEYS[1], 'MINID', '=', ARGV[1] .. '-' .. (upto + 1))
  redis.call('HSET', KEYS[2], 'trimmed', upto)
end
return 1
"""

# ARGV: epoch for a stream that is not there, now (s), body, digest, entries to keep, seconds to live. Appends
# a state unless its digest is that of the last one; nobody archives states, so old ones may go. Answers
# {epoch, seq} of the last entry.
TELL: Final = """
local epoch = redis.call('HGET', KEYS[2], 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'seq', 0, 'n', 0, 'bytes', 0, 'created', ARGV[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('EXPIRE', KEYS[2], ARGV[6])
if redis.call('HGET', KEYS[2], 'told') == ARGV[4] then
  return {tonumber(epoch), tonumber(redis.call('HGET', KEYS[2], 'seq'))}
end
local seq = redis.call('HINCRBY', KEYS[2], 'seq', 1)
redis.call('XADD', KEYS[1], epoch .. '-' .. seq, 'e', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('HSET', KEYS[2], 'told', ARGV[4])
local gone = seq - tonumber(ARGV[5])
if gone > 0 then
  redis.call('XTRIM', KEYS[1], 'MINID', '=', epoch .. '-' .. (gone + 1))
  redis.call('HSET', KEYS[2], 'trimmed', gone)
end
return {tonumber(epoch), seq}
"""


def stream_key(stream: str) -> str:
    """Return the key of the entries; the braces keep both keys of a stream on one cluster node."""
    return f"stream:{{{stream}}}"


def meta_key(stream: str) -> str:
    """Return the key of the meta hash."""
    return f"meta:{{{stream}}}"


# Answers the run id of the server's process; the client's own way reads all there is to say of a server.
SERVER_ID: Final = """
return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
"""
