/**
 * The Lua scripts that make each operation of a store one atomic step on the Redis server. Each script uses one key, so
 * that any node of a cluster can run it, and only the server's clock decides what has expired. In scripts that change
 * something, ARGV[1] is the id of the operation: a client that got no answer sends the same id again, and receives the
 * result of the first run instead of running the operation twice.
 *
 * A row is the text `generation:operation:value`. A row that was taken or deleted leaves `-:operation:value` behind for
 * ten seconds; it counts as absent for every operation except the one that took it.
 */

const REMEMBER_MS = 10_000

/** Leaves the marker of this operation. A server without memory for it must still delete the row. */
const leaveMark = `
  local left = redis.pcall('SET', KEYS[1], mark, 'PX', ${REMEMBER_MS})
  if left.err then redis.call('DEL', KEYS[1]) end
`

/** → the row, or nothing. A plain read may go to a replica that lags behind; a script never does. */
export const READ = `return redis.call('GET', KEYS[1])`

/** operation, value, time to live → 1 */
export const WRITE = `
  if tonumber(ARGV[3]) <= 0 then
    redis.call('DEL', KEYS[1])
  else
    redis.call('SET', KEYS[1], '1:' .. ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
  end
  return 1
`

/** operation → the row that was taken, marked as taken, or nothing */
export const TAKE = `
  local row = redis.call('GET', KEYS[1])
  if not row then return false end
  local prefix = '-:' .. ARGV[1] .. ':'
  if string.sub(row, 1, #prefix) == prefix then return row end
  if string.sub(row, 1, 2) == '-:' then return false end
  local _, head = string.find(row, '^%d+:%x+:')
  if not head then return row end
  local mark = prefix .. string.sub(row, head + 1)
  ${leaveMark}
  return mark
`

/** operation, value, expected generation, time to live → whether it was written */
export const UPDATE = `
  local row = redis.call('GET', KEYS[1])
  if not row then return 0 end
  local _, _, generation, operation = string.find(row, '^(%d+):(%x+):')
  if not generation then return 0 end
  local following = string.format('%.0f', tonumber(ARGV[3]) + 1)
  if generation == following and operation == ARGV[1] then return 1 end
  if generation ~= ARGV[3] then return 0 end
  if tonumber(ARGV[4]) <= 0 then
    redis.call('DEL', KEYS[1])
  else
    redis.call('SET', KEYS[1], following .. ':' .. ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[4])
  end
  return 1
`

/** operation, expected generation or nothing → whether it was removed */
export const DELETE = `
  local row = redis.call('GET', KEYS[1])
  if not row then return 0 end
  local mark = '-:' .. ARGV[1] .. ':'
  if string.sub(row, 1, #mark) == mark then return 1 end
  if string.sub(row, 1, 2) == '-:' then return 0 end
  local _, _, generation = string.find(row, '^(%d+):')
  if ARGV[2] ~= '' and generation ~= ARGV[2] then return 0 end
  ${leaveMark}
  return 1
`

/**
 * operation, time to live → the count. The row also holds the latest operations, each with the count that it got:
 * `3 a1=1 b2=2 c3=3`.
 */
export const COUNT = `
  local row = redis.call('GET', KEYS[1])
  local told = row and string.match(row, ' ' .. ARGV[1] .. '=(%d+)')
  if told then return tonumber(told) end
  local count = 1
  local recent = ''
  if row then
    count = tonumber(string.match(row, '^%d+')) + 1
    recent = string.match(string.sub(string.match(row, '^%d+(.*)$'), -400), ' .*$') or ''
  end
  local text = string.format('%.0f', count)
  local counter = text .. recent .. ' ' .. ARGV[1] .. '=' .. text
  if row then
    redis.call('SET', KEYS[1], counter, 'KEEPTTL')
  elseif tonumber(ARGV[2]) > 0 then
    redis.call('SET', KEYS[1], counter, 'PX', ARGV[2])
  end
  return count
`

/** owner, time to live → whether the owner holds it now */
export const LEASE = `
  local owner = redis.call('GET', KEYS[1])
  if owner and owner ~= ARGV[1] then return 0 end
  if tonumber(ARGV[2]) > 0 then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  else
    redis.call('DEL', KEYS[1])
  end
  return 1
`

/** owner → 1 */
export const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
  return 1
`

const serverTime = `
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`

/** member, time to live → 1. The index is a set sorted by expiry; it expires with the last of its members. */
export const ADD_MEMBER = `
  ${serverTime}
  local ttl = tonumber(ARGV[2])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
  redis.call('ZADD', KEYS[1], string.format('%.0f', now + ttl), ARGV[1])
  if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return 1
`

/** member → 1 */
export const REMOVE_MEMBER = `
  redis.call('ZREM', KEYS[1], ARGV[1])
  return 1
`

/** → at most 1,000 members, each with a colon in front: some REST clients would parse a member that looks like JSON. */
export const MEMBERS = `
  ${serverTime}
  local members = redis.call(
    'ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf', 'LIMIT', 0, 1000)
  for index, member in ipairs(members) do members[index] = ':' .. member end
  return members
`

/** → 1 */
export const PING = `
  redis.call('SET', KEYS[1], '1', 'PX', 1000)
  return 1
`
