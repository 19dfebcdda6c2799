package dev.rehome

import dev.rehome.ffi.Outcome
import dev.rehome.ffi.RegistrationState
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

/** Processes that die, pushes that wake, sessions that are exported. */
@OptIn(ExperimentalCoroutinesApi::class)
class LifeTest {
    @Test
    fun `the next process goes on where this one was`() = runTest {
        val store = MemoryStore()
        val first = Made(this, store = store)
        first.driver.start()
        runCurrent()
        val home = first.driver.status.value.home
        first.driver.close()
        assertNotNull(store.kept)
        advanceTimeBy(60_000)
        val second = Made(this, store = store)
        second.driver.start()
        runCurrent()
        assertEquals(listOf<Notice>(Notice.Restored(60_000)), second.notices)
        assertEquals(home?.text, second.driver.status.value.home?.text)
        assertFalse("started" in second.events)
        assertEquals(first.registrar.calls.single().binding, second.registrar.calls.single().binding)
        replays(second.driver.exportScenario())
        second.driver.stop()
        assertNull(store.kept)
    }

    @Test
    fun `a killed process leaves what was saved last`() = runTest {
        val store = MemoryStore()
        val first = Made(this, store = store)
        first.driver.start()
        runCurrent()
        assertTrue(store.saves in 1..2, "${store.saves}")
        val second = Made(this, store = MemoryStore().also { it.kept = store.kept })
        second.driver.agentLogin()
        runCurrent()
        assertEquals(listOf<Notice>(Notice.Restored(0)), second.notices)
        assertEquals(A, second.driver.status.value.home?.text)
    }

    @Test
    fun `what is no snapshot is refused, and forgotten`() = runTest {
        val store = MemoryStore().also { it.kept = byteArrayOf(1, 2, 3, 4, 5) }
        val made = Made(this, store = store)
        made.driver.start()
        runCurrent()
        val refused = made.notices.single() as Notice.SnapshotRefused
        assertTrue("version" in refused.error.message!!, refused.error.message)
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
    }

    @Test
    fun `a store that fails is told, and no more`() = runTest {
        val store = MemoryStore().also { it.broken = true }
        val made = Made(this, store = store)
        made.driver.start()
        runCurrent()
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
        assertTrue(made.notices.first() is Notice.SnapshotRefused, "${made.notices}")
        assertTrue(made.notices.last() is Notice.NotSaved, "${made.notices}")
    }

    @Test
    fun `files are replaced as a whole`(@TempDir folder: File) = runTest {
        val store = FileStore(File(folder, "kept"))
        assertNull(store.load())
        store.save(byteArrayOf(1))
        store.save(byteArrayOf(2, 3))
        assertArrayEquals(byteArrayOf(2, 3), store.load())
        assertEquals(listOf("kept"), folder.list()!!.toList())
        store.clear()
        assertNull(store.load())
    }

    @Test
    fun `a push wake starts, registers and says so`() = runTest {
        val made = Made(this)
        made.registrar.reply = { null }
        val woken = async { made.driver.pushWake(20_000) }
        advanceTimeBy(3000)
        made.registrar.calls.single().outcome.complete(Outcome.Accepted(600))
        val wake = woken.await()
        assertEquals(PushWakeEnd.REGISTERED, wake.end)
        assertEquals(A, wake.status.home?.text)
        assertTrue(wake.tookMs in 2999..3001, "${wake.tookMs}")
    }

    @Test
    fun `a push wake while registered waits for a new REGISTER`() = runTest {
        val made = Made(this)
        made.driver.start()
        advanceTimeBy(600_000)
        made.registrar.reply = { null }
        val woken = async { made.driver.pushWake(20_000) }
        advanceTimeBy(1000)
        assertFalse(woken.isCompleted)
        assertEquals(2, made.registrar.calls.size)
        made.registrar.calls.last().outcome.complete(Outcome.Accepted(600))
        assertEquals(PushWakeEnd.REGISTERED, woken.await().end)
    }

    @Test
    fun `a push wake ends with its budget, the driver does not`() = runTest {
        val made = Made(this)
        made.registrar.reply = { null }
        val wake = made.driver.pushWake(4000)
        assertEquals(PushWakeEnd.NOT_YET, wake.end)
        assertEquals(4000, wake.tookMs)
        made.registrar.calls.single().outcome.complete(Outcome.Accepted(600))
        runCurrent()
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
    }

    @Test
    fun `a push wake does not wait for what cannot come in time`() = runTest {
        val made = Made(this)
        made.registrar.reply = { Outcome.Status(403, null, null) }
        val wake = made.driver.pushWake(25_000)
        assertEquals(PushWakeEnd.NOT_YET, wake.end)
        assertTrue(wake.tookMs < 25_000, "${wake.tookMs}")
    }

    @Test
    fun `a push does not undo a stop`() = runTest {
        val made = Made(this)
        made.driver.start()
        runCurrent()
        made.driver.stop()
        assertEquals(PushWakeEnd.STOPPED, made.driver.pushWake(25_000).end)
    }

    @Test
    fun `a session replays here and natively`() = runTest {
        val made = Made(this)
        made.registrar.reply = { if (it.target.host.startsWith("a")) null else Outcome.Accepted(60) }
        made.driver.start()
        advanceTimeBy(40_000)
        made.registrar.lost!!(made.driver.status.value.home!!)
        made.driver.timerSlack(5000)
        made.driver.networkDown()
        runCurrent()
        made.driver.networkChanged()
        made.registrar.reply = { Outcome.Accepted(60) }
        advanceTimeBy(40_000)
        made.driver.agentLogin()
        runCurrent()
        made.driver.stop()
        replays(made.driver.exportScenario())
    }

    @Test
    fun `a long session keeps its last 500 steps, for reading`() = runTest {
        val made = Made(this)
        made.driver.start()
        repeat(510) { made.driver.busy() }
        runCurrent()
        val (scenario, complete) = made.driver.exportScenario()
        assertFalse(complete)
        val read = dev.rehome.scenarios.read(scenario)
        assertEquals(500, dev.rehome.scenarios.list(read["steps"]).size)
        assertTrue("it does not replay" in read["description"] as String)
    }

    private fun replays(exported: Exported) {
        assertTrue(exported.complete)
        dev.rehome.scenarios.run(dev.rehome.scenarios.read(exported.scenario))
        val file = File.createTempFile("exported", ".json")
        try {
            file.writeText(exported.scenario)
            val said = Project.output(Project.built("debug/scenarios"), file.path)
            assertTrue("1 passed, 0 failed" in said, said)
        } finally {
            file.delete()
        }
    }
}
