/** Time on a Redis server, which nobody can set: instead everything there comes closer to its end. */
import type { RedisServer } from '../redis-server.ts'
import type { ServerClock } from './describe-store.ts'

const COME_CLOSER = `
  for _, key in ipairs(redis.call('KEYS', '*')) do
    if redis.call('TYPE', key).ok == 'zset' then
      for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
        redis.call('ZINCRBY', key, -tonumber(ARGV[1]), member)
      end
    end
    local left = redis.call('PTTL', key)
    if left >= 0 and left <= tonumber(ARGV[1]) then
      redis.call('DEL', key)
    elseif left >= 0 then
      redis.call('PEXPIRE', key, string.format('%.0f', left - tonumber(ARGV[1])))
    end
  end
`

/** The clock of that server; a test may itself take up to five seconds. */
export function redisClock(server: () => RedisServer): ServerClock {
  return {
    tickMs: 5_000,
    async pass(ms) {
      await server().command('EVAL', COME_CLOSER, '0', String(ms))
    },
  }
}
