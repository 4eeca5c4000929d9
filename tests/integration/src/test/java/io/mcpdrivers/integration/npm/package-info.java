/** Servers from npm, as they are in the field. */
@NullMarked
package io.mcpdrivers.integration.npm;

import org.jspecify.annotations.NullMarked;
