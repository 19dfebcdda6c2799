package dev.rehome.android

import android.app.AlarmManager
import android.os.SystemClock
import dev.rehome.RegistrationDriver
import dev.rehome.ffi.Config
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowSystemClock
import java.io.File
import java.time.Duration

/** The README's Kotlin is compiled, and its alarm rings when it should. */
@OptIn(ExperimentalCoroutinesApi::class)
@RunWith(RobolectricTestRunner::class)
class ReadmeTest {
    @Test
    fun `each class and function is part of the compiled examples`() {
        val module = File(checkNotNull(System.getProperty("rehome.module")) { "rehome.module is not set: run by Maven" })
        val examples = File(module, "src/test/kotlin/dev/rehome/android/ReadmeExamples.kt").readText()
        val blocks = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(File(module, "README.md").readText())
        // Gradle's language, and Firebase's library, are not here.
        val shown = blocks.map { it.groupValues[1].trim() }.filterNot { "dependencies {" in it || "Firebase" in it }.toList()
        assertTrue("${shown.size} blocks", shown.size >= 2)
        shown.forEach { assertTrue("not in ReadmeExamples.kt:\n$it", it in examples) }
    }

    @Test
    fun `the alarm is set for when the driver wakes`() = runTest {
        val application = RuntimeEnvironment.getApplication()
        val alarms = shadowOf(application.service<AlarmManager>())
        ShadowSystemClock.advanceBy(Duration.ofHours(5))
        val madeMs = SystemClock.elapsedRealtime()
        val dns = FakeDns { answer(it, records = arrayOf(srv("_sip._udp.example.test", 10, 5060, "dc1.example.test"))) }
        val resolver = AndroidDnsResolver(dns) { null }
        val config = Config(srvRecord = "_sip._udp.example.test")
        val driver = RegistrationDriver(config, resolver, MyRegistrar(), backgroundScope, seed = 5, clock = AndroidClock)
        driver.start()
        runCurrent()
        val status = driver.status.value
        ShadowSystemClock.advanceBy(Duration.ofSeconds(10))
        setAlarm(application, driver, status)
        assertEquals(madeMs + checkNotNull(status.wakeMs), alarms.scheduledAlarms.single().triggerAtMs)
        setAlarm(application, driver, status.copy(wakeMs = null))
        assertTrue(alarms.scheduledAlarms.isEmpty())
        driver.close()
    }
}
