package dev.rehome

/** The time. */
public interface Clock {
    /** Milliseconds that only ever go on, through the device's sleep, too (rule 0.4); from where is of no matter. */
    public fun nowMs(): Long

    /** Milliseconds since 1970: by it a snapshot knows how old it is. */
    public fun wallMs(): Long
}

/**
 * For platforms whose monotonic clock stands still while the device sleeps. Each reading adds what that clock says, or what
 * the wall clock says where it went more than 1 s further. A wall clock set forward looks like a sleep: that costs one
 * REGISTER too many, and no binding. One set back is not followed. (Android has a clock that counts sleep.)
 */
public class SleepClock(
    private val monotonicMs: () -> Long = { System.nanoTime() / NANOS_IN_MS },
    private val wall: () -> Long = System::currentTimeMillis,
) : Clock {
    private var lastWall = wall()
    private var lastMonotonic = monotonicMs()
    private var elapsed = 0L

    @Synchronized
    override fun nowMs(): Long {
        val wall = wall()
        val monotonic = monotonicMs()
        val byWall = wall - lastWall
        val byMonotonic = maxOf(0, monotonic - lastMonotonic)
        lastWall = wall
        lastMonotonic = monotonic
        elapsed += if (byWall - byMonotonic > DRIFT_MS) byWall else byMonotonic
        return elapsed
    }

    override fun wallMs(): Long = wall()

    private companion object {
        const val NANOS_IN_MS = 1_000_000L

        /** Below this the two clocks only drift apart, or the wall clock was trimmed a little. */
        const val DRIFT_MS = 1000L
    }
}
