package dev.rehome.android

import android.os.SystemClock
import dev.rehome.Clock

/** Android's own clock, which goes on while the device sleeps (rule 0.4). */
public object AndroidClock : Clock {
    override fun nowMs(): Long = SystemClock.elapsedRealtime()

    override fun wallMs(): Long = System.currentTimeMillis()
}
