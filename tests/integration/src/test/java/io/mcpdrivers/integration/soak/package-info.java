/** The pool under load, while everything around it fails now and then; see {@code docs/soak.md}. */
@NullMarked
package io.mcpdrivers.integration.soak;

import org.jspecify.annotations.NullMarked;
