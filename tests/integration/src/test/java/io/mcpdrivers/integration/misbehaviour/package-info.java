/** What callers see when a server misbehaves. */
@NullMarked
package io.mcpdrivers.integration.misbehaviour;

import org.jspecify.annotations.NullMarked;
