package dev.rehome.android

/** How late an app's timers may be, in milliseconds, for `RegistrationDriver.timerSlack` (rule 5.2). */
public object DozeSlack {
    /** An app that is seen: its timers are exact. */
    public const val FOREGROUND_MS: Long = 0

    /** One that is not, but is out of battery optimisation: the processor may sleep for a while. Ours; Android promises nothing. */
    public const val EXEMPT_MS: Long = 60_000

    /** In doze Android rings an app's alarms (`setAndAllowWhileIdle`) once in nine minutes, says its guide; or later still. */
    public const val DOZE_MS: Long = 540_000

    /**
     * Not more than a quarter of the expiry: a refresh drawn forward by more would be one REGISTER after the other. Where servers
     * grant less than 36 minutes, a phone in doze may lose its binding all the same, and a push brings it back.
     *
     * @param foreground an activity of the app is seen, or a foreground service holds a wake lock.
     * @param idle the device is in doze ([android.os.PowerManager.isDeviceIdleMode]).
     * @param exempt the user took the app out of battery optimisation.
     * @param expires what the servers grant, in seconds.
     */
    public fun ms(foreground: Boolean, idle: Boolean, exempt: Boolean, expires: Long): Long {
        val late = when {
            foreground && !idle -> FOREGROUND_MS
            exempt -> EXEMPT_MS
            // Doze may begin at any time, and a refresh that is drawn by then is not drawn again.
            else -> DOZE_MS
        }
        return minOf(late, maxOf(0, expires) * MS_IN_S / PARTS)
    }

    private const val MS_IN_S = 1000
    private const val PARTS = 4
}
