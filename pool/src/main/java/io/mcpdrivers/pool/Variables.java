package io.mcpdrivers.pool;

import io.mcpdrivers.McpConfigurationException;
import io.mcpdrivers.McpInterruptedException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What placeholders in the configuration of one pool stand for. An input of a source is asked for once, by the first
 * thread that needs it, while others wait; an answer is kept for as long as the pool lives, a missing one is asked for
 * again.
 * Thread-safe.
 */
final class Variables {

    private static final Set<String> FORMS = Set.of("env", "sys", "input");

    private final Function<String, @Nullable String> environment;
    private final @Nullable Function<ConfigurationInput, @Nullable String> asked;
    private final Map<Question, CompletableFuture<String>> answers = new ConcurrentHashMap<>();

    /** What an answer is kept by. What one source was told must not reach the servers of another. */
    private record Question(String source, String id) {}

    /**
     * Creates the variables of a pool.
     *
     * @param environment gives variables of the environment
     * @param asked answers what is asked for; null if nobody does
     */
    Variables(
            Function<String, @Nullable String> environment,
            @Nullable Function<ConfigurationInput, @Nullable String> asked) {
        this.environment = environment;
        this.asked = asked;
    }

    /**
     * The value of a variable.
     *
     * @param qualified {@code env:NAME}, {@code sys:name} or {@code input:id}
     * @param inputs the inputs of the source in which that stands
     * @return the value, or null if it is not set
     */
    @Nullable
    String lookUp(String qualified, FileInputs inputs) {
        int colon = qualified.indexOf(':');
        String name = qualified.substring(colon + 1);
        return switch (qualified.substring(0, colon)) {
            case "env" -> environment.apply(name);
            case "sys" -> System.getProperty(name);
            case "input" -> input(inputs.input(name), new Question(inputs.source(), name));
            default -> throw unknown(qualified);
        };
    }

    /**
     * Checks that {@link #lookUp} may find something for a placeholder, without looking anything up.
     *
     * @param inputs the inputs of the source in which it stands
     * @throws McpConfigurationException if it is of no known form, or of an input that a source with inputs has not
     */
    static void check(String qualified, FileInputs inputs) {
        int colon = qualified.indexOf(':');
        String form = qualified.substring(0, colon);
        String id = qualified.substring(colon + 1);
        if (!FORMS.contains(form)) {
            throw unknown(qualified);
        }
        Set<String> declared = inputs.declared().keySet();
        if (form.equals("input") && !declared.isEmpty() && !declared.contains(id)) {
            throw new McpConfigurationException(
                    "there is no input '" + id + "' among the inputs of " + inputs.source() + ", which are "
                            + String.join(", ", new TreeSet<>(declared)) + "."
                            + NearestName.suggestion(id, declared),
                    null);
        }
    }

    private static McpConfigurationException unknown(String qualified) {
        return new McpConfigurationException(
                "'${" + qualified
                        + "}' is of no known form; known are ${env:NAME}, ${sys:name}, ${input:id}, ${NAME} and"
                        + " ${NAME:-default}, and in JSON files "
                        + String.join(", ", McpJsonPaths.VARIABLES),
                null);
    }

    private String input(ConfigurationInput input, Question question) {
        CompletableFuture<String> mine = new CompletableFuture<>();
        CompletableFuture<String> first = answers.putIfAbsent(question, mine);
        if (first != null) {
            return await(first, input);
        }
        try {
            String answer = ask(input);
            mine.complete(answer);
            return answer;
        } catch (RuntimeException | Error e) {
            answers.remove(question, mine);
            mine.completeExceptionally(e);
            throw e;
        }
    }

    private String ask(ConfigurationInput input) {
        String answer;
        try {
            answer = asked == null ? null : asked.apply(input);
        } catch (RuntimeException e) {
            // What it says may hold what was typed, so it is not kept as the cause either.
            throw new McpConfigurationException(
                    "The input '" + input.id() + "' could not be asked for: "
                            + e.getClass().getName(),
                    null);
        }
        if (answer == null) {
            answer = input.defaultValue();
        }
        if (answer == null) {
            throw new McpConfigurationException(
                    "The input '" + input.id() + "'"
                            + (input.description() == null ? "" : " (" + input.description() + ")")
                            + (asked == null
                                    ? " is wanted, but nobody can be asked; give PoolBuilder.inputs a function"
                                    : " was asked for and not given"),
                    null);
        }
        return answer;
    }

    private static String await(CompletableFuture<String> answer, ConfigurationInput input) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new McpInterruptedException("Interrupted while waiting for the input '" + input.id() + "'", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof McpConfigurationException known) {
                throw new McpConfigurationException(String.valueOf(known.getMessage()), known);
            }
            Object kind = e.getCause() == null ? e : e.getCause().getClass().getName();
            throw new McpConfigurationException("The input '" + input.id() + "' could not be asked for: " + kind, null);
        }
    }
}
