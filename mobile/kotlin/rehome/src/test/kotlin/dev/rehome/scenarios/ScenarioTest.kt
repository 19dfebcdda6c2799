package dev.rehome.scenarios

import dev.rehome.Project
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.Locale
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger

/**
 * The whole suite through the public API, with the trace hashes of the native runner; or the folder that `REHOME_SCENARIOS`
 * names, with the native hashes in `REHOME_HASHES`. With `REHOME_PROVE` it says how far it is and what came of it.
 */
class ScenarioTest {
    private val folder = System.getenv("REHOME_SCENARIOS")?.let(::File) ?: File(Project.root, "tests/scenarios")
    private val prove = System.getenv("REHOME_PROVE") != null
    private val names = folder.walk().filter { it.extension == "json" && it.name != "suite.json" }
        .map { it.relativeTo(folder).invariantSeparatorsPath }.sorted().toList()

    @Test
    fun `the hash and the canonical form are the documented ones`() {
        assertEquals("cbf29ce484222325", Hash().hex())
        val bytes = mapOf("b" to listOf(1, mapOf("z" to null, "y" to "a\"\\/é\n\u0001\u007f")), "B" to true, "a" to null)
        assertEquals("{\"B\":true,\"b\":[1,{\"y\":\"a\\\"\\\\/é\\n\\u0001\u007f\"}]}", canonical(bytes))
    }

    @Test
    fun `a failed expectation fails`() {
        val good = read(File(folder, names.first { "\"register\"" in File(folder, it).readText() }).readText())
        val steps = list(good["steps"]).map(::fields).toMutableList()
        val acting = steps.indexOfFirst { it["actions"] != null }
        val actions = list(steps[acting]["actions"]).map(::fields)
        steps[acting] = steps[acting] + ("actions" to actions.map { it + ("id" to 77L) })
        val error = assertThrows(Mismatch::class.java) { run(good + ("steps" to steps)) }
        assertTrue("actions[0].id: expected 77" in error.message!!, error.message)
    }

    @Test
    fun `a step that gives a hash may come to anything that has it`() {
        val forged = mapOf("type" to "outcome", "id" to 7L, "outcome" to mapOf("type" to "noAddress"))
        val of = { hash: String ->
            val step = mapOf("op" to "step", "atMs" to 0L, "input" to forged, "hash" to hash)
            val config = mapOf("srvRecord" to "_sip._udp.example.test")
            run(mapOf("schemaVersion" to 1L, "config" to config, "seed" to 1L, "steps" to listOf(step)))
        }
        val hash = Hash()
        hash.line("{\"step\":0}")
        hash.line("{\"error\":\"unknownId\"}")
        assertEquals(hash.hex(), of(hash.hex()))
        val error = assertThrows(Mismatch::class.java) { of("0000000000000000") }
        assertEquals("step 0 (0 ms): hash: expected 0000000000000000, it is ${hash.hex()}", error.message)
    }

    @Test
    fun `all scenarios as natively`() {
        assertEquals(read(File(folder, "suite.json").readText())["files"], names.size.toLong())
        val failures = ConcurrentLinkedQueue<String>()
        val (done, inputs) = AtomicInteger() to AtomicInteger()
        // Statistics are thousands of runs: on as many threads as there are, those that take long first.
        val slow = names.sortedBy { "\"statistics\"" !in File(folder, it).readText() }
        val hashes = slow.parallelStream().map { name ->
            name to try {
                val scenario = read(File(folder, name).readText())
                inputs.addAndGet(list(scenario["steps"]).count { fields(it)["op"] == "step" })
                run(scenario)
            } catch (error: Exception) {
                failures += "$name: $error"
                "failed"
            }.also {
                val now = done.incrementAndGet()
                if (prove && now % 10 == 0) println("progress $now/${names.size} files")
            }
        }.toList().toMap()
        assertEquals(emptyList<String>(), failures.toList())
        val suite = Hash()
        val lines = names.map { name -> "$name ${hashes[name]}".also(suite::line) }
        val written = System.getenv("REHOME_HASHES")?.let(::File)
        val native = written?.readText() ?: Project.output(Project.built("debug/examples/hashes"))
        val ours = lines + "trace hash ${suite.hex()}" + "${names.size} passed, 0 failed"
        assertEquals(native.trim(), ours.joinToString("\n"))
        println("${names.size} scenarios, trace hash ${suite.hex()}: as natively")
        if (prove) println("result Kotlin: ${"%,d".format(Locale.ROOT, inputs.get())} inputs, hash ${suite.hex()}")
    }
}
