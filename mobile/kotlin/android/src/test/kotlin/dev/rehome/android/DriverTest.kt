package dev.rehome.android

import android.net.ConnectivityManager
import dev.rehome.Attempt
import dev.rehome.Clock
import dev.rehome.RegisterRequest
import dev.rehome.Registrar
import dev.rehome.RegistrationDriver
import dev.rehome.UnregisterRequest
import dev.rehome.ffi.Config
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.RegistrationState
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

private const val NAME = "_sip._udp.example.test"

/** Accepts at the hosts that are up. */
private class FakeRegistrar : Registrar {
    val sent = ArrayList<String>()
    var up = setOf("dc1.example.test", "dc2.example.test")

    override suspend fun register(request: RegisterRequest, attempt: Attempt): Outcome {
        sent += "REGISTER ${request.target.host}"
        return if (request.target.host in up) Outcome.Accepted(600) else Outcome.Status(503, null, null)
    }

    override suspend fun unregister(request: UnregisterRequest, attempt: Attempt): Outcome {
        sent += "unregister ${request.target.host}"
        return Outcome.Accepted(0)
    }
}

/** The driver, the Rust core, and Android's parts together: all that is fake is the far end. */
@OptIn(ExperimentalCoroutinesApi::class)
@RunWith(RobolectricTestRunner::class)
class DriverTest {
    private val connectivity = RuntimeEnvironment.getApplication().service<ConnectivityManager>()
    private val callback get() = shadowOf(connectivity).networkCallbacks.single()
    private val registrar = FakeRegistrar()
    private val dns = FakeDns {
        answer(it, records = arrayOf(srv(NAME, 10, 5060, "dc1.example.test"), srv(NAME, 20, 5060, "dc2.example.test")))
    }

    private fun TestScope.driver(): RegistrationDriver {
        val clock = object : Clock {
            override fun nowMs() = currentTime

            override fun wallMs() = 1_800_000_000_000 + currentTime
        }
        val config = Config(srvRecord = NAME, outboundProxy = null)
        return RegistrationDriver(config, AndroidDnsResolver(dns) { null }, registrar, backgroundScope, seed = 5, clock = clock)
    }

    @Test
    fun `registers, rolls over, and unregisters`() = runTest {
        val driver = driver()
        driver.start()
        runCurrent()
        assertEquals(RegistrationState.REGISTERED, driver.status.value.state)
        assertEquals("dc1.example.test", driver.status.value.home?.host)
        assertTrue(driver.status.value.primary)
        registrar.up = setOf("dc2.example.test")
        driver.resumed()
        advanceTimeBy(120_000)
        assertEquals("dc2.example.test", driver.status.value.home?.host)
        driver.stop()
        assertEquals(RegistrationState.STOPPED, driver.status.value.state)
        assertTrue("unregister dc2.example.test" in registrar.sent)
    }

    @Test
    fun `a network that goes and comes is heeded`() = runTest {
        val driver = driver()
        NetworkWatch(connectivity, Inputs.of(driver)).use { watch ->
            watch.start()
            driver.start()
            runCurrent()
            val network = checkNotNull(connectivity.activeNetwork)
            callback.onLost(network)
            runCurrent()
            assertEquals(RegistrationState.OFFLINE, driver.status.value.state)
            val before = registrar.sent.size
            advanceTimeBy(600_000)
            assertEquals(before, registrar.sent.size)
            callback.onAvailable(network)
            advanceTimeBy(5000)
            assertEquals(RegistrationState.REGISTERED, driver.status.value.state)
            assertTrue(registrar.sent.size > before)
        }
        driver.close()
    }

    @Test
    fun `an app in the background refreshes early`() = runTest {
        val driver = driver()
        LifeCycle(RuntimeEnvironment.getApplication(), Inputs.of(driver), expires = 600).use { cycle ->
            cycle.foreground()
            driver.start()
            runCurrent()
            val earliest = 300_000
            assertTrue(checkNotNull(driver.status.value.wakeMs) >= earliest)
            cycle.background()
            driver.resumed()
            advanceTimeBy(10_000)
            assertEquals(2, registrar.sent.size)
            // Half of 600 s at the earliest, less a quarter of them.
            val next = checkNotNull(driver.status.value.wakeMs) - currentTime
            assertTrue("$next", next in earliest - 160_000L..540_000L - 150_000L)
        }
        driver.close()
    }

    @Test
    fun `Android's clock goes on`() {
        val before = AndroidClock.nowMs()
        org.robolectric.shadows.ShadowSystemClock.advanceBy(java.time.Duration.ofMinutes(9))
        assertEquals(540_000, AndroidClock.nowMs() - before)
        assertTrue(AndroidClock.wallMs() > 0)
    }
}
