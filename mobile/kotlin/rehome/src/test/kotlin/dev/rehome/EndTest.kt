package dev.rehome

import dev.rehome.ffi.Outcome
import dev.rehome.ffi.RegistrationState
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** How a driver ends: stopped, closed, cancelled. */
@OptIn(ExperimentalCoroutinesApi::class)
class EndTest {
    private fun TestScope.ownScope() = CoroutineScope(coroutineContext + Job())

    @Test
    fun `stop returns though a start follows before it is done`() = runTest {
        val made = Made(this)
        made.driver.start()
        runCurrent()
        made.registrar.reply = { null }
        val stopping = async { made.driver.stop() }
        runCurrent()
        made.driver.start()
        runCurrent()
        made.registrar.calls.last().outcome.complete(Outcome.Accepted(0))
        runCurrent()
        assertTrue(stopping.isCompleted)
        assertTrue("stopped" in made.events, "${made.events}")
        assertNotEquals(RegistrationState.STOPPED, made.driver.status.value.state)
        stopping.await()
    }

    @Test
    fun `stop gives an attempt 2 s and an unregister 4 s`() = runTest {
        val made = Made(this)
        made.registrar.reply = { null }
        made.driver.start()
        runCurrent()
        assertEquals(1, made.registrar.calls.size)
        made.driver.stop()
        assertEquals(6000, currentTime)
    }

    @Test
    fun `stop in a new process unregisters what the one before has left`() = runTest {
        val store = MemoryStore()
        val first = Made(this, store = store)
        first.driver.start()
        runCurrent()
        first.driver.close()
        val second = Made(this, store = store)
        second.driver.stop()
        val call = second.registrar.calls.single()
        assertEquals(0, call.expires)
        assertEquals(first.registrar.calls.single().binding, call.binding)
        assertEquals(RegistrationState.STOPPED, second.driver.status.value.state)
        assertNull(store.kept)
    }

    @Test
    fun `a wish for the primary starts nothing`() = runTest {
        val store = MemoryStore()
        val first = Made(this, store = store)
        first.driver.start()
        runCurrent()
        first.driver.close()
        val second = Made(this, store = store)
        second.driver.tryPrimary()
        advanceTimeBy(10_000)
        assertEquals(emptyList<Call>(), second.registrar.calls)
        assertEquals(RegistrationState.STOPPED, second.driver.status.value.state)
    }

    @Test
    fun `the registrar is closed when its calls have ended, those given up, too`() = runTest {
        val said = ArrayList<String>()
        val registrar = object : Registrar {
            override suspend fun register(request: RegisterRequest, attempt: Attempt): Outcome = try {
                awaitCancellation()
            } finally {
                withContext(NonCancellable) { delay(10) }
                said += "attempt ${request.attempt} ended"
            }

            override suspend fun unregister(request: UnregisterRequest, attempt: Attempt): Outcome = Outcome.NotSent

            override suspend fun close() {
                said += "closed"
            }
        }
        val driver = RegistrationDriver(config(), FakeResolver(), registrar, backgroundScope, seed = 1, clock = TestClock(this))
        driver.start()
        // The first is given up after 10 s, and still listened to.
        advanceTimeBy(12_000)
        driver.close()
        assertEquals(listOf("attempt 1 ended", "attempt 2 ended", "closed"), said)
    }

    @Test
    fun `a registrar that fails at the end is closed all the same`() = runTest {
        val registrar = FakeRegistrar().also { it.brokenEnd = true }
        val made = Made(this, registrar = registrar)
        made.driver.close()
        runCurrent()
        assertTrue(registrar.closed)
        assertEquals("the end", (made.notices.single() as Notice.RegistrarFailed).error.message)
    }

    @Test
    fun `a scope that is cancelled before anything ran closes, too`() = runTest {
        val scope = ownScope()
        val registrar = FakeRegistrar()
        RegistrationDriver(config(), FakeResolver(), registrar, scope, clock = TestClock(this))
        scope.cancel()
        runCurrent()
        assertTrue(registrar.closed)
    }

    @Test
    fun `a scope that is cancelled while the store loads leaves what is kept`() = runTest {
        val kept = byteArrayOf(1, 2, 3)
        val store = MemoryStore().also {
            it.kept = kept
            it.loading = CompletableDeferred()
        }
        val scope = ownScope()
        val driver = RegistrationDriver(config(), FakeResolver(), FakeRegistrar(), scope, clock = TestClock(this), store = store)
        driver.start()
        runCurrent()
        scope.cancel()
        runCurrent()
        assertArrayEquals(kept, store.kept)
    }
}
