package io.mcpdrivers.integration.soak;

import io.mcpdrivers.integration.soak.Job.Answer;
import java.time.Duration;
import java.util.Map;
import java.util.Random;

/** Thinks of calls, each with a text of its own. For one borrower. */
final class Jobs {

    private static final int MOST_CHARACTERS = 100_000;

    private final Random random;
    private final int borrower;
    private final Records records;
    private int made;

    Jobs(Random random, int borrower, Records records) {
        this.random = random;
        this.borrower = borrower;
        this.records = records;
    }

    /** Any call that suits a server. */
    Job next(FleetServer server) {
        int choice = random.nextInt(1_000);
        if (choice < 450) {
            return echo("echo", text());
        } else if (choice < 500) {
            String text = text();
            return echo("echo of much", text + "x".repeat(random.nextInt(MOST_CHARACTERS)));
        } else if (choice < 798) {
            return record(server, "record", "answer");
        } else if (choice < 800) {
            return record(server, "record and crash", "exit");
        } else if (choice < 850) {
            return sleep("slow", random.nextInt(300), SoakPlan.REQUEST_TIMEOUT);
        } else if (choice < 900) {
            return sleep("too slow", 500 + random.nextInt(1_500), Duration.ofMillis(50 + random.nextInt(300)));
        } else if (choice < 950) {
            return failing("tool's error", "fail", Answer.ERROR_RESULT);
        } else if (choice < 998) {
            return failing("server's error", "error", Answer.ERROR);
        } else if (server.isHttp()) {
            return echo("echo", text());
        }
        String answer = "reads no more";
        return new Job("stop reading", "stop_reading", Map.of(), SoakPlan.REQUEST_TIMEOUT, answer, Answer.RESULT, -1);
    }

    private String text() {
        return "call " + borrower + " " + made++ + " ";
    }

    private Job echo(String kind, String text) {
        return job(kind, "echo", Map.of("message", text), SoakPlan.REQUEST_TIMEOUT, text, Answer.RESULT, -1);
    }

    private Job record(FleetServer server, String kind, String then) {
        int number = records.next();
        String text = records.text(number);
        Map<String, ?> arguments = Map.of("file", server.records.toString(), "text", text, "then", then);
        return job(kind, "record", arguments, SoakPlan.REQUEST_TIMEOUT, text, Answer.RESULT, number);
    }

    private Job sleep(String kind, int millis, Duration timeout) {
        String text = text();
        return job(kind, "sleep", Map.of("ms", millis, "text", text), timeout, text, Answer.RESULT, -1);
    }

    private Job failing(String kind, String tool, Answer answer) {
        String text = text();
        return job(kind, tool, Map.of("message", text), SoakPlan.REQUEST_TIMEOUT, text, answer, -1);
    }

    private static Job job(
            String kind, String tool, Map<String, ?> arguments, Duration timeout, String text, Answer answer, int n) {
        return new Job(kind, tool, arguments, timeout, text, answer, n);
    }
}
