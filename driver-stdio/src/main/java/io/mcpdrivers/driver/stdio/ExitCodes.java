package io.mcpdrivers.driver.stdio;

/** Tells what an exit code means. */
final class ExitCodes {

    private static final int SIGNAL_BASE = 128;

    private ExitCodes() {}

    /** For example {@code " exited with code 3"}, to stand behind a subject. */
    static String describe(int code, boolean windows) {
        int signal = code - SIGNAL_BASE;
        if (windows || signal <= 0 || signal > 64) {
            return " exited with code " + code;
        }
        return " exited with code " + code + " (killed by signal " + signal + name(signal) + ")";
    }

    private static String name(int signal) {
        return switch (signal) {
            case 1 -> ", SIGHUP";
            case 2 -> ", SIGINT";
            case 3 -> ", SIGQUIT";
            case 4 -> ", SIGILL";
            case 6 -> ", SIGABRT";
            case 8 -> ", SIGFPE";
            case 9 -> ", SIGKILL";
            case 11 -> ", SIGSEGV";
            case 13 -> ", SIGPIPE";
            case 15 -> ", SIGTERM";
            default -> "";
        };
    }
}
