/** What those who measure and trace get to see of real servers. */
@NullMarked
package io.mcpdrivers.integration.metrics;

import org.jspecify.annotations.NullMarked;
