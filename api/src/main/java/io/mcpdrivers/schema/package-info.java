/** What travels between client and server, one small record per kind, in the specification's own words. */
@NullMarked
package io.mcpdrivers.schema;

import org.jspecify.annotations.NullMarked;
