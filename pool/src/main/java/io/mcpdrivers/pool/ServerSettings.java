package io.mcpdrivers.pool;

import java.time.Duration;

/**
 * The settings of one server, read once, in the form in which they are used.
 *
 * @param maxConnections the most connections; {@link Integer#MAX_VALUE} for no limit
 * @param streams leases per connection; {@link PoolSetting#AUTO_STREAMS} to go by the protocol revision
 * @param minIdle how many connections to keep warm
 * @param maxIdle the most idle connections
 * @param idleTimeoutNanos how long a connection may be idle; 0 for ever
 * @param maxAgeNanos how old it may get; 0 for no limit
 * @param maxUses how many leases it may serve; 0 for no limit
 * @param keepaliveNanos after how much silence it is sent a ping; 0 for never
 * @param aliveBypassNanos how recently used it need not be checked
 * @param validationTimeout how long a check may take
 * @param connectRetries how often a failed start is repeated for one who waits
 * @param backoffNanos the first pause after a failed start
 * @param maxBackoffNanos the longest pause
 * @param maxAbandoned how many unanswered requests make a connection unfit
 * @param retryUnsent whether to repeat calls that were not sent
 * @param retryHarmless whether to repeat calls that do no harm
 * @param leakThresholdNanos after how long a lease is taken for forgotten; 0 for never
 * @param maxProcessMemory how many bytes the processes of one connection may use; 0 for no limit
 * @param enabled whether the server may be used
 */
record ServerSettings(
        int maxConnections,
        int streams,
        int minIdle,
        int maxIdle,
        long idleTimeoutNanos,
        long maxAgeNanos,
        int maxUses,
        long keepaliveNanos,
        long aliveBypassNanos,
        Duration validationTimeout,
        int connectRetries,
        long backoffNanos,
        long maxBackoffNanos,
        int maxAbandoned,
        boolean retryUnsent,
        boolean retryHarmless,
        long leakThresholdNanos,
        long maxProcessMemory,
        boolean enabled) {

    /** How many leases share a connection of a server that keeps no state for any of them. */
    static final int MANY_STREAMS = 1024;

    static ServerSettings of(SettingValues values) {
        return new ServerSettings(
                orUnlimited(values.integer(PoolSetting.MAX_TOTAL_PER_KEY)),
                values.integer(PoolSetting.STREAMS),
                values.integer(PoolSetting.MIN_IDLE),
                orUnlimited(values.integer(PoolSetting.MAX_IDLE)),
                values.nanos(PoolSetting.IDLE_TIMEOUT),
                values.nanos(PoolSetting.MAX_AGE),
                values.integer(PoolSetting.MAX_USES),
                values.nanos(PoolSetting.KEEPALIVE),
                values.nanos(PoolSetting.ALIVE_BYPASS),
                Duration.ofNanos(values.nanos(PoolSetting.VALIDATION_TIMEOUT)),
                values.integer(PoolSetting.CONNECT_RETRIES),
                values.nanos(PoolSetting.BACKOFF),
                values.nanos(PoolSetting.MAX_BACKOFF),
                values.integer(PoolSetting.MAX_ABANDONED),
                values.bool(PoolSetting.RETRY_UNSENT),
                values.bool(PoolSetting.RETRY_HARMLESS),
                values.nanos(PoolSetting.LEAK_THRESHOLD),
                values.size(PoolSetting.MAX_PROCESS_MEMORY),
                values.bool(PoolSetting.ENABLED));
    }

    static int orUnlimited(int limit) {
        return limit < 0 ? Integer.MAX_VALUE : limit;
    }

    /** How many leases may share a connection, once it is known whether its server keeps state per session. */
    int streamsOf(boolean sharable) {
        return streams != PoolSetting.AUTO_STREAMS ? streams : sharable ? MANY_STREAMS : 1;
    }
}
