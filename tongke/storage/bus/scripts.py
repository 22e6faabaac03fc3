"""What Valkey has to do in one step, in its own language. Each returns integers and strings."""

from __future__ import annotations

# KEYS: lease, fence.  ARGV: token, milliseconds, milliseconds to keep the fence.
# A retry of a call whose answer was lost finds its own token and succeeds again. The fence starts
# from the server's clock (microseconds, exact in a double until 2255), so that it still grows when
# the server has lost its memory.
ACQUIRE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return nil end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local time = redis.call('TIME')
local fence = math.max(time[1] * 1000000 + time[2], (tonumber(redis.call('GET', KEYS[2])) or 0) + 1)
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[2], text, 'PX', ARGV[3])
return text
"""

# KEYS: lease.  ARGV: token, milliseconds.
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

# KEYS: lease.  ARGV: token.
RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""

# KEYS: counter.  ARGV: milliseconds.  Counter and expiry in one step: a counter that lost its
# expiry would lock a person out for ever.
HIT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""
