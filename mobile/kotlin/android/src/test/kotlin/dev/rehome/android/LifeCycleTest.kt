package dev.rehome.android

import android.app.Activity
import android.app.Application
import android.content.Intent
import android.os.Looper
import android.os.PowerManager
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

@RunWith(RobolectricTestRunner::class)
class LifeCycleTest {
    private val application: Application = RuntimeEnvironment.getApplication()
    private val power = shadowOf(application.service<PowerManager>())
    private val told = Told()
    private val cycle = LifeCycle(application, told, expires = 3600)

    @Before
    fun begin() {
        cycle.start()
        assertEquals(listOf("timerSlack 540000"), told.take())
    }

    @After
    fun end() = cycle.close()

    private fun doze(idle: Boolean) {
        power.setIsDeviceIdleMode(idle)
        application.sendBroadcast(Intent(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED))
        shadowOf(Looper.getMainLooper()).idle()
    }

    @Test
    fun `an activity that is seen makes timers exact, and resumes`() {
        val activity = Robolectric.buildActivity(Activity::class.java).create().start()
        assertEquals(listOf("timerSlack 0", "resumed"), told.take())
        activity.stop()
        assertEquals(listOf("timerSlack 540000"), told.take())
    }

    @Test
    fun `a second activity and a turned screen are no news`() {
        val one = Robolectric.buildActivity(Activity::class.java).setup()
        told.take()
        val two = Robolectric.buildActivity(Activity::class.java).setup()
        one.stop()
        two.recreate()
        assertEquals(emptyList<String>(), told.take())
        two.stop()
        assertEquals(listOf("timerSlack 540000"), told.take())
    }

    @Test
    fun `what holds the foreground outlives the activities`() {
        cycle.foreground()
        assertEquals(listOf("timerSlack 0", "resumed"), told.take())
        Robolectric.buildActivity(Activity::class.java).setup().stop()
        assertEquals(emptyList<String>(), told.take())
        val seen = Robolectric.buildActivity(Activity::class.java).setup()
        cycle.background()
        assertEquals(emptyList<String>(), told.take())
        seen.stop()
        assertEquals(listOf("timerSlack 540000"), told.take())
    }

    @Test
    fun `doze makes timers late, and its end resumes`() {
        Robolectric.buildActivity(Activity::class.java).setup()
        told.take()
        doze(true)
        assertEquals(listOf("timerSlack 540000"), told.take())
        doze(true)
        assertEquals(emptyList<String>(), told.take())
        doze(false)
        assertEquals(listOf("timerSlack 0", "resumed"), told.take())
    }

    @Test
    fun `an app out of battery optimisation is less late, and none by more than a quarter of the expiry`() {
        power.setIgnoringBatteryOptimizations(application.packageName, true)
        doze(true)
        assertEquals(listOf("timerSlack 60000"), told.take())
        assertEquals(15_000, DozeSlack.ms(foreground = false, idle = true, exempt = false, expires = 60))
        assertEquals(0, DozeSlack.ms(foreground = true, idle = false, exempt = false, expires = 3600))
    }

    @Test
    fun `closed, it tells nothing`() {
        cycle.close()
        doze(true)
        Robolectric.buildActivity(Activity::class.java).setup()
        assertEquals(emptyList<String>(), told.take())
    }
}
