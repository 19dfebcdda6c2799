package dev.rehome.android

import android.app.Activity
import android.app.Application
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Bundle
import android.os.PowerManager
import dev.rehome.RegistrationDriver

/**
 * Tells the driver how late its timers may be (`timerSlack`, rule 5.2), and when the app comes back (`resumed`, rule 4.6): by the
 * activities of the app, and by doze. The lateness counts for refreshes that are drawn from then on. It sets no alarm and holds no
 * wake lock; the README says what an app does for itself.
 */
public class LifeCycle internal constructor(
    private val application: Application,
    private val inputs: Inputs,
    private val expires: Long,
) : AutoCloseable {
    /** @param expires what the servers grant, in seconds; `refresh.expires` of the configuration, if they grant what is asked for. */
    public constructor(application: Application, driver: RegistrationDriver, expires: Long) :
        this(application, Inputs.of(driver), expires)

    private val power = application.service<PowerManager>()
    private var visible = 0
    private var held = false
    private var foreground = false
    private var idle = false
    private var watching = false
    private var told: Long? = null

    /** Begins to listen; on the main thread, in `Application.onCreate` at best: activities started before are not counted. */
    public fun start() {
        if (watching) return
        watching = true
        idle = power.isDeviceIdleMode
        application.registerActivityLifecycleCallbacks(activities)
        application.registerReceiver(receiver, IntentFilter(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED))
        slack()
    }

    /** Ends it; on the main thread. */
    override fun close() {
        if (!watching) return
        watching = false
        application.unregisterActivityLifecycleCallbacks(activities)
        application.unregisterReceiver(receiver)
    }

    /**
     * The app's activities are seen without this; for what else keeps timers exact, such as a foreground service or a call screen
     * of the system's. It holds until [background], whatever activities come and go.
     */
    public fun foreground() {
        held = true
        look()
    }

    /** The contrary of [foreground]; activities that are seen still count. */
    public fun background() {
        held = false
        look()
    }

    private fun look() {
        val now = held || visible > 0
        if (now == foreground) return
        foreground = now
        slack()
        if (now) inputs.resumed()
    }

    private fun dozed() {
        val now = power.isDeviceIdleMode
        if (now == idle) return
        idle = now
        slack()
        // The clock stood still for the timers: look at it now, not when they ring.
        if (!now) inputs.resumed()
    }

    private fun slack() {
        val exempt = power.isIgnoringBatteryOptimizations(application.packageName)
        val ms = DozeSlack.ms(foreground, idle, exempt, expires)
        if (ms != told) inputs.timerSlack(ms)
        told = ms
    }

    private val receiver = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) = dozed()
    }

    private val activities = object : Application.ActivityLifecycleCallbacks {
        override fun onActivityStarted(activity: Activity) {
            visible += 1
            look()
        }

        override fun onActivityStopped(activity: Activity) {
            visible = maxOf(0, visible - 1)
            // A turned screen stops an activity and starts it again: nobody left.
            if (!activity.isChangingConfigurations) look()
        }

        override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit

        override fun onActivityResumed(activity: Activity) = Unit

        override fun onActivityPaused(activity: Activity) = Unit

        override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit

        override fun onActivityDestroyed(activity: Activity) = Unit
    }
}
