/** The client that the official conformance suite of the Model Context Protocol starts, once per scenario. */
@NullMarked
package io.mcpdrivers.conformance;

import org.jspecify.annotations.NullMarked;
