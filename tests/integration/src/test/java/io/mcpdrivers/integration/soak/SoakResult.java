package io.mcpdrivers.integration.soak;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What came of a soak.
 *
 * @param plan what was to be done
 * @param outcomes what came of each thing that was done
 * @param ledger what the pool told of
 * @param remains what was left
 * @param records what became of the calls that must not be carried out twice
 * @param pulse the pauses of this JVM
 * @param took how long it took in all
 * @param closing how long closing the pool took
 * @param loadBefore the load of the machine when it began
 */
record SoakResult(
        SoakPlan plan,
        Outcomes outcomes,
        Ledger ledger,
        Remains remains,
        Records.Totals records,
        Pulse pulse,
        Duration took,
        Duration closing,
        double loadBefore) {

    /** The load average of the last minute. */
    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
