package io.mcpdrivers.pool;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what somebody who mistyped a name may have meant. */
final class NearestName {

    private NearestName() {}

    /** {@code " Did you mean 'x'?"}, or nothing if none of the candidates is near. */
    static String suggestion(String given, Collection<String> candidates) {
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance = distance(given.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return isNear(nearest, least) ? " Did you mean '" + nearest + "'?" : "";
    }

    private static boolean isNear(@Nullable String nearest, int distance) {
        return nearest != null && distance <= Math.max(2, nearest.length() / 3);
    }

    /** Whether a name differs from another by some letters at most; two that changed places count as one. */
    static boolean isNear(String given, String wanted, int most) {
        String lower = given.toLowerCase(Locale.ROOT);
        if (distance(lower, wanted) <= most) {
            return true;
        }
        for (int i = 0; i + 1 < lower.length(); i++) {
            String swapped = lower.substring(0, i) + lower.charAt(i + 1) + lower.charAt(i) + lower.substring(i + 2);
            if (swapped.equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    /** How many letters have to be put in, taken out or replaced. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 0; i < from.length(); i++) {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.length(); j++) {
                int replaced = diagonal + (from.charAt(i) == to.charAt(j) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.min(replaced, 1 + Math.min(row[j], diagonal));
            }
        }
        return row[to.length()];
    }
}
