package io.mcpdrivers.benchmark.pool;

import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link Pools} and prints {@code pool <benchmark> <threads> <keys> <ns> <least> <most>} for each:
 * {@code PoolForks <forks> <seconds to warm up> <seconds to measure>}.
 */
final class PoolForks {

    private PoolForks() {}

    public static void main(String[] arguments) throws Exception {
        int forks = Integer.parseInt(arguments[0]);
        for (int threads : new int[] {1, 8}) {
            Collection<RunResult> results = new Runner(new OptionsBuilder()
                            .include(Pools.class.getName())
                            .forks(forks)
                            .threads(threads)
                            .warmupIterations(2)
                            .warmupTime(seconds(arguments[1]))
                            .measurementIterations(2)
                            .measurementTime(seconds(arguments[2]))
                            .build())
                    .run();
            for (RunResult result : results) {
                String name = result.getParams().getBenchmark();
                String keys = result.getParams().getParam("keys");
                var statistics = result.getPrimaryResult().getStatistics();
                System.out.println(String.format(
                        Locale.ROOT,
                        "pool %s %d %s %.1f %.1f %.1f",
                        name.substring(name.lastIndexOf('.') + 1),
                        threads,
                        keys == null ? "1" : keys,
                        statistics.getPercentile(50),
                        statistics.getMin(),
                        statistics.getMax()));
            }
        }
    }

    private static TimeValue seconds(String number) {
        return TimeValue.milliseconds((long) (Double.parseDouble(number) * 1000));
    }
}
