/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "netfilter-trace-helper.h"

#include "netfilter-helper.h"

#if __has_include("ns3/sqlite-output.h")
#define NF_HAVE_SQLITE 1
#include "ns3/sqlite-output.h"
#endif

#include <fstream>
#include <memory>

namespace ns3
{

namespace
{

/// A CSV file; text fields hold no comma or quote: they are names of counters and states.
class CsvWriter
{
  public:
    explicit CsvWriter(const std::string& fileName)
        : m_file(fileName)
    {
        m_file << "time,node,series,key,value\n";
        m_file.precision(12);
    }

    bool IsGood()
    {
        return bool(m_file.flush());
    }

    void Write(const NetfilterSample& sample)
    {
        for (const NetfilterSample::Value& value : sample.values)
        {
            m_file << sample.time.GetSeconds() << ',' << sample.node << ',' << value.series << ','
                   << value.key << ',' << value.value << '\n';
        }
        m_file.flush();
    }

  private:
    std::ofstream m_file;
};

#ifdef NF_HAVE_SQLITE
/// A table in an SQLite database; one transaction per sample.
class SqliteWriter
{
  public:
    SqliteWriter(const std::string& fileName, const std::string& run)
        : m_database(Create<SQLiteOutput>(fileName)),
          m_run(run)
    {
        // Not SetJournalInMemory(): its statement stays open in ns-3.37 and locks the database.
        m_good = m_database->SpinExec("PRAGMA synchronous = OFF") &&
                 m_database->SpinExec("CREATE TABLE IF NOT EXISTS Netfilter (run text, time real, "
                                      "node integer, series text, key text, value real)") &&
                 m_database->SpinPrepare(&m_insert,
                                         "INSERT INTO Netfilter (run, time, node, series, key, "
                                         "value) VALUES (?, ?, ?, ?, ?, ?)");
    }

    ~SqliteWriter()
    {
        if (m_insert)
        {
            SQLiteOutput::SpinFinalize(m_insert);
        }
    }

    SqliteWriter(const SqliteWriter&) = delete;
    SqliteWriter& operator=(const SqliteWriter&) = delete;

    bool IsGood() const
    {
        return m_good;
    }

    void Write(const NetfilterSample& sample)
    {
        m_database->SpinExec("BEGIN");
        for (const NetfilterSample::Value& value : sample.values)
        {
            SQLiteOutput::SpinReset(m_insert);
            m_database->Bind(m_insert, 1, m_run);
            m_database->Bind(m_insert, 2, sample.time.GetSeconds());
            m_database->Bind(m_insert, 3, sample.node);
            m_database->Bind(m_insert, 4, value.series);
            m_database->Bind(m_insert, 5, value.key);
            m_database->Bind(m_insert, 6, value.value);
            SQLiteOutput::SpinStep(m_insert);
        }
        SQLiteOutput::SpinReset(m_insert);
        m_database->SpinExec("COMMIT");
    }

  private:
    Ptr<SQLiteOutput> m_database;
    std::string m_run;               //!< label
    sqlite3_stmt* m_insert{nullptr}; //!< one row
    bool m_good{false};              //!< table and statement are there
};
#endif

/// Hands samples to a writer that lives as long as somebody may call it.
template <class Writer>
void
Connect(NetfilterSampler& sampler, std::shared_ptr<Writer> writer)
{
    sampler.TraceConnectWithoutContext(
        "Sample",
        Callback<void, const NetfilterSample&>(
            [writer](const NetfilterSample& sample) { writer->Write(sample); }));
}

} // namespace

NetfilterTraceHelper::NetfilterTraceHelper()
    : m_sampler(CreateObject<NetfilterSampler>())
{
}

void
NetfilterTraceHelper::SetAttribute(const std::string& name, const AttributeValue& value)
{
    m_sampler->SetAttribute(name, value);
}

void
NetfilterTraceHelper::Install(Ptr<Node> node)
{
    m_sampler->Add(NetfilterHelper::Get(node));
}

void
NetfilterTraceHelper::Install(NodeContainer nodes)
{
    for (auto it = nodes.Begin(); it != nodes.End(); ++it)
    {
        Install(*it);
    }
}

bool
NetfilterTraceHelper::EnableCsv(const std::string& fileName)
{
    auto writer = std::make_shared<CsvWriter>(fileName);
    if (!writer->IsGood())
    {
        return false;
    }
    Connect(*m_sampler, writer);
    return true;
}

bool
NetfilterTraceHelper::EnableSqlite(const std::string& fileName, const std::string& run)
{
#ifdef NF_HAVE_SQLITE
    // SQLiteOutput ends the program when it cannot open its file.
    if (!std::ofstream(fileName, std::ios::app))
    {
        return false;
    }
    auto writer = std::make_shared<SqliteWriter>(fileName, run);
    if (!writer->IsGood())
    {
        return false;
    }
    Connect(*m_sampler, writer);
    return true;
#else
    (void)fileName;
    (void)run;
    return false;
#endif
}

Ptr<NetfilterSampler>
NetfilterTraceHelper::GetSampler() const
{
    return m_sampler;
}

} // namespace ns3
