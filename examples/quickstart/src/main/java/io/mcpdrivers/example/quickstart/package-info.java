/** What {@code ./quickstart} runs; {@link io.mcpdrivers.example.quickstart.Quickstart} is the main class. */
@NullMarked
package io.mcpdrivers.example.quickstart;

import org.jspecify.annotations.NullMarked;
